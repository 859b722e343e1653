/**
 * What the panel shows, and how it gets it: one notebook's runs, the chosen run and the chosen
 * checkpoint. No DOM, no kernel.
 */
import { JSONExt } from '@lumino/coreutils';
import type { ReadonlyJSONValue } from '@lumino/coreutils';
import { Debouncer } from '@lumino/polling';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { Disposing } from './disposing';
import type { ICheckpointEntry, IRunAnswer, IRunEntry, IRunSource } from './tokens';

/** Events come in bursts (one an await); one read answers all of a burst. */
const DEBOUNCE_MS = 200;

/** The part of the model that is drawn. Replaced as a whole, never changed in place. */
export interface IPanelState {
  /** Server path of the current notebook, or null where no notebook is open. */
  readonly notebook: string | null;
  /** False until the first answer for this notebook. */
  readonly loaded: boolean;
  readonly runs: readonly IRunEntry[];
  readonly problems: readonly string[];
  /** The chosen run with its checkpoints, or null while it is being read. */
  readonly detail: IRunAnswer | null;
  readonly error: string | null;
}

const EMPTY: IPanelState = {
  notebook: null,
  loaded: false,
  runs: [],
  problems: [],
  detail: null,
  error: null
};

/** A run is told apart by its store and its label: the same label may stand in two stores. */
export function keyOf(run: IRunEntry): string {
  return `${run.store}/${run.name}`;
}

export function isLive(run: IRunEntry): boolean {
  return run.state === 'running' || run.state === 'waiting';
}

export function isContinuable(run: IRunEntry): boolean {
  return run.state === 'interrupted' || run.state === 'failed';
}

export class PanelModel extends Disposing {
  constructor(source: IRunSource) {
    super();
    this._source = source;
    this._debouncer = new Debouncer(() => this.refresh(), DEBOUNCE_MS);
  }

  /** Emitted after anything that is drawn has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get state(): IPanelState {
    return this._state;
  }

  /** The chosen run: the user's choice while it exists, else the newest. */
  get run(): IRunEntry | null {
    const { runs } = this._state;
    return runs.find(run => keyOf(run) === this._runKey) ?? runs[0] ?? null;
  }

  /** The chosen checkpoint: the user's choice while it exists, else the newest. */
  get checkpoint(): ICheckpointEntry | null {
    const checkpoints = this._state.detail?.checkpoints ?? [];
    return (
      checkpoints.find(checkpoint => checkpoint.n === this._n) ??
      checkpoints[checkpoints.length - 1] ??
      null
    );
  }

  find(name: string): IRunEntry | null {
    return this._state.runs.find(run => run.name === name) ?? null;
  }

  protected release(): void {
    this._debouncer.dispose();
  }

  /** Follow another notebook, or none. Reads its runs unless it is the one followed already. */
  async follow(notebook: string | null): Promise<void> {
    if (notebook === this._state.notebook) {
      return;
    }
    this._runKey = null;
    this._n = null;
    this._set({ ...EMPTY, notebook });
    await this.refresh();
  }

  async chooseRun(run: IRunEntry): Promise<void> {
    if (this.run && keyOf(this.run) === keyOf(run)) {
      this._runKey = keyOf(run);
      return;
    }
    this._runKey = keyOf(run);
    this._n = null;
    this._set({ ...this._state, detail: null });
    await this.refresh();
  }

  chooseCheckpoint(n: number): void {
    this._n = n;
    this._changed.emit();
  }

  /** Read again soon; calls in quick succession are answered by one read. */
  refreshSoon(): void {
    this._debouncer.invoke().catch(() => {
      // Disposed, or overtaken by a later call: there is nothing left to show.
    });
  }

  /** Read the list and the chosen run again. Errors become the state's sentence. */
  async refresh(): Promise<void> {
    const { notebook } = this._state;
    if (notebook === null || this.isDisposed) {
      return;
    }
    // Answers may overtake each other; only that of the newest request is kept.
    const turn = ++this._turn;
    const state = await this._read(notebook);
    if (turn === this._turn && !this.isDisposed) {
      this._set(state);
    }
  }

  private async _read(notebook: string): Promise<IPanelState> {
    try {
      const { runs, problems } = await this._source.list(notebook);
      const run = runs.find(each => keyOf(each) === this._runKey) ?? runs[0];
      const detail = run ? await this._source.read(run.store, run.name) : null;
      return { notebook, loaded: true, runs, problems, detail, error: null };
    } catch (reason) {
      const error = reason instanceof Error ? reason.message : String(reason);
      return { ...this._state, loaded: true, error };
    }
  }

  private _set(state: IPanelState): void {
    if (sameJson(state, this._state)) {
      return;
    }
    this._state = state;
    this._changed.emit();
  }

  private _source: IRunSource;
  private _state = EMPTY;
  private _runKey: string | null = null;
  private _n: number | null = null;
  private _turn = 0;
  private _debouncer: Debouncer<void>;
  private _changed = new Signal<this, void>(this);
}

/** States hold JSON and nothing else, which their readonly types cannot say to JSONExt. */
function sameJson(a: IPanelState, b: IPanelState): boolean {
  return JSONExt.deepEqual(
    a as unknown as ReadonlyJSONValue,
    b as unknown as ReadonlyJSONValue
  );
}
