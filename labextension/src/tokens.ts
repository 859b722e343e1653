/**
 * What crosses the wire, mirrored from playbooks_ipython/server/wire.py and kernel/, and the names
 * that other parts refer to. Times are seconds since 1970 (UTC), lines count from 1, sizes are
 * bytes.
 */

export const PLUGIN_ID = 'playbooks-ipython:plugin';
export const PANEL_ID = 'jp-playbooks-panel';
export const TRANSLATION_DOMAIN = 'playbooks_ipython';

export namespace CommandIDs {
  export const open = 'playbooks:open';
  export const refresh = 'playbooks:refresh';
  export const continueRun = 'playbooks:continue';
  export const restore = 'playbooks:restore';
  export const fork = 'playbooks:fork';
  export const pin = 'playbooks:pin';
  export const deleteCheckpoint = 'playbooks:delete';
  export const deleteRun = 'playbooks:delete-run';
}

/** The wire format that this panel reads. */
export const WIRE_FORMAT = 1;

/**
 * The comm target that the kernel registers when its extension is loaded. It says that a run has
 * changed; what has changed is read over REST, so that every listener reads the same.
 */
export const EVENTS_TARGET = 'playbooks_ipython:events';

/** What a run may be called, as playbooks_ipython/store/labels.py has it. */
export const NAME_PATTERN = '[A-Za-z0-9][A-Za-z0-9_.-]{0,99}';

export type State = 'running' | 'waiting' | 'interrupted' | 'failed' | 'finished';

export interface IRunEntry {
  store: string;
  name: string;
  run_id: string;
  state: State;
  notebook: string | null;
  cell_id: string | null;
  created_s: number;
  updated_s: number;
  awaits: number;
  /** How many of its checkpoints are pinned. */
  pinned: number;
  line: number | null;
  statement: string | null;
  error: string | null;
  owner: string | null;
  /** The checkpoint that it began with, as NAME@N. */
  forked_from: string | null;
  size_bytes: number;
}

export interface IRefusedEntry {
  variable: string;
  type: string;
  reason: string;
}

export interface ICheckpointEntry {
  n: number;
  id: string;
  line: number;
  statement: string;
  done_lines: number;
  time: number;
  bytes: number;
  pinned: boolean;
  pending: string | null;
  location: string | null;
  variables: { [key: string]: string };
  refused: IRefusedEntry[];
  /** The task that the await was in; null for the cell's own. */
  task: string | null;
  stack: [string, number][];
  /** The types of each frame's variables, by name. */
  locals: { [key: string]: string }[];
}

export interface IRunsAnswer {
  format: number;
  runs: IRunEntry[];
  problems: string[];
}

export interface IRunAnswer {
  format: number;
  run: IRunEntry;
  source: string | null;
  done_lines: number;
  checkpoints: ICheckpointEntry[];
  output: [string, string][];
  problems: string[];
}

export interface IRefusal {
  format: number;
  message: string;
}

/** Where runs are read from. */
export interface IRunSource {
  /** The runs of a notebook, newest first. Rejects with a sentence for the user. */
  list(notebook: string): Promise<IRunsAnswer>;
  /** One run with its checkpoints. Rejects with a sentence for the user. */
  read(store: string, name: string): Promise<IRunAnswer>;
}
