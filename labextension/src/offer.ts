/** After the kernel died: offer to continue what it left, once a run. */
import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { Disposing } from './disposing';
import type { NotebookFollower } from './follow';
import { isLive } from './model';
import type { PanelModel } from './model';
import { CommandIDs } from './tokens';
import type { IRunEntry } from './tokens';

export class ContinueOffer extends Disposing {
  constructor(
    private _model: PanelModel,
    private _follower: NotebookFollower,
    private _commands: CommandRegistry,
    private _trans: TranslationBundle
  ) {
    super();
    _follower.kernelLost.connect(this._onKernelLost, this);
    _model.changed.connect(this._onChanged, this);
  }

  protected release(): void {
    this._follower.kernelLost.disconnect(this._onKernelLost, this);
    this._model.changed.disconnect(this._onChanged, this);
  }

  private _onKernelLost(): void {
    this._lost = true;
    this._onChanged();
    this._model.refreshSoon();
  }

  private _onChanged(): void {
    const { notebook, loaded, runs } = this._model.state;
    if (notebook !== this._notebook) {
      this._notebook = notebook;
      this._isFirst = true;
    }
    if (!loaded) {
      return;
    }
    runs.forEach(run => this._look(run));
    this._isFirst = false;
  }

  /** Offer what was left by a kernel that died after the run was seen to go on here. */
  private _look(run: IRunEntry): void {
    const id = run.run_id;
    if (isLive(run)) {
      if (!this._live.has(id)) {
        this._live.add(id);
        this._lost = false;
        this._withdraw(id);
      }
      this._old.delete(id);
    } else if (this._isFirst || this._old.has(id) || this._neverRan(run)) {
      this._old.add(id);
    } else if (run.state === 'interrupted' && this._lost) {
      this._offer(run);
      this._old.add(id);
    }
    if (!isLive(run)) {
      this._live.delete(id);
    }
    if (run.state === 'finished') {
      this._withdraw(id);
    }
  }

  /** A fork that stands where it began was not stopped by anything. */
  private _neverRan(run: IRunEntry): boolean {
    return !this._live.has(run.run_id) && run.forked_from?.endsWith(`@${run.awaits}`) === true;
  }

  private _offer(run: IRunEntry): void {
    const message = this._trans.__(
      '%1 stopped after %2 awaits. Nothing that was completed runs again.',
      run.name,
      run.awaits
    );
    const id = Notification.warning(message, {
      autoClose: false,
      actions: [
        {
          label: this._trans.__('Continue'),
          displayType: 'accent',
          callback: () => void this._commands.execute(CommandIDs.continueRun, { run: run.name })
        }
      ]
    });
    this._offers.set(run.run_id, id);
  }

  /** The run goes on or has ended: the offer stands no longer. */
  private _withdraw(runId: string): void {
    const id = this._offers.get(runId);
    if (id !== undefined) {
      Notification.dismiss(id);
      this._offers.delete(runId);
    }
  }

  private _notebook: string | null = null;
  /** The next list is the first of this notebook: what lies there is no news. */
  private _isFirst = true;
  /** The kernel died since a run was last seen to start. */
  private _lost = false;
  private _live = new Set<string>();
  /** Runs that need no offer: stopped before this page looked, or offered already. */
  private _old = new Set<string>();
  private _offers = new Map<string, string>();
}
