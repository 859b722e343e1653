/** What can be done with a run or with one of its checkpoints: each writes a cell and runs it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { deleteIcon, historyIcon, runIcon } from '@jupyterlab/ui-components';
import type { LabIcon } from '@jupyterlab/ui-components';

import { askName, confirmDelete, confirmDeleteRun, confirmRestore } from './ask';
import {
  continueSource,
  deleteSource,
  forkSource,
  pinSource,
  restoreSource
} from './cells';
import { forkIcon, pinIcon } from './icons';
import { isContinuable, isLive } from './model';
import { CommandIDs } from './tokens';
import type { ICheckpointEntry, IRunEntry } from './tokens';

/** What an action is done to. */
export interface ITarget {
  readonly run: IRunEntry;
  /** The number that was given with the command, or null. */
  readonly n: number | null;
  /** The checkpoint of that number, else the chosen one; null where it has not been read. */
  readonly checkpoint: ICheckpointEntry | null;
  /** The names that a new run cannot have. */
  readonly taken: readonly string[];
}

export interface IAction {
  readonly id: string;
  readonly icon: LabIcon;
  /** The target is null where there is no run at all. */
  readonly label: (target: ITarget | null) => string;
  readonly caption: (target: ITarget | null) => string;
  readonly isEnabled: (target: ITarget) => boolean;
  /** The cell's text, after what there is to ask; null where the user would rather not. */
  readonly source: (target: ITarget) => Promise<string | null>;
}

export function actions(trans: TranslationBundle): readonly IAction[] {
  return [
    continueRun(trans),
    restore(trans),
    fork(trans),
    pin(trans),
    deleteCheckpoint(trans),
    deleteRun(trans)
  ];
}

function continueRun(trans: TranslationBundle): IAction {
  return {
    id: CommandIDs.continueRun,
    icon: runIcon,
    label: target => (numbered(target) ? trans.__('Continue Here') : trans.__('Continue')),
    caption: target =>
      numbered(target)
        ? trans.__('Continue after await %1, in a new cell below the run', target.n)
        : trans.__('Continue after the last completed await, in a new cell below the run'),
    // An older checkpoint of a finished run can be gone on from: that forks.
    isEnabled: ({ run, n }) => (n === null ? isContinuable(run) : !isLive(run)),
    source: async ({ run, n }) => continueSource({ name: run.name, n })
  };
}

function restore(trans: TranslationBundle): IAction {
  return {
    id: CommandIDs.restore,
    icon: historyIcon,
    label: () => trans.__('Restore'),
    caption: target =>
      numbered(target)
        ? trans.__('Bring back the variables as they were after await %1', target.n)
        : trans.__('Bring back the variables of the newest playbook checkpoint'),
    isEnabled: ({ run }) => run.awaits > 0 && !isLive(run),
    source: async ({ run, n }) => {
      const ref = { name: run.name, n };
      return (await confirmRestore(ref, trans)) ? restoreSource(ref) : null;
    }
  };
}

function fork(trans: TranslationBundle): IAction {
  return {
    id: CommandIDs.fork,
    icon: forkIcon,
    label: () => trans.__('Fork…'),
    caption: () => trans.__('Make a new run that begins with this playbook checkpoint'),
    // A fork only reads: the run may be going on meanwhile.
    isEnabled: ({ checkpoint }) => checkpoint !== null,
    source: async ({ run, checkpoint, taken }) => {
      if (checkpoint === null) {
        return null;
      }
      const ref = { name: run.name, n: checkpoint.n };
      const name = await askName(ref, taken, trans);
      return name === null ? null : forkSource(ref, name);
    }
  };
}

function pin(trans: TranslationBundle): IAction {
  return {
    id: CommandIDs.pin,
    icon: pinIcon,
    label: target => (target?.checkpoint?.pinned ? trans.__('Unpin') : trans.__('Pin')),
    caption: target =>
      target?.checkpoint?.pinned
        ? trans.__('Let this playbook checkpoint be tidied away again')
        : trans.__('Keep this playbook checkpoint whatever is tidied away'),
    isEnabled: ({ run, checkpoint }) => checkpoint !== null && !isLive(run),
    source: async ({ run, checkpoint }) =>
      checkpoint === null
        ? null
        : pinSource({ name: run.name, n: checkpoint.n }, !checkpoint.pinned)
  };
}

function deleteCheckpoint(trans: TranslationBundle): IAction {
  return {
    id: CommandIDs.deleteCheckpoint,
    icon: deleteIcon,
    label: () => trans.__('Delete…'),
    caption: target => {
      if (target?.checkpoint?.pinned) {
        return trans.__('This playbook checkpoint is pinned: unpin it to delete it');
      }
      return target !== null && isNeeded(target)
        ? trans.__('The run goes on from this playbook checkpoint: only the whole run can be deleted')
        : trans.__('Delete this playbook checkpoint for good');
    },
    isEnabled: target =>
      target.checkpoint !== null &&
      !target.checkpoint.pinned &&
      !isLive(target.run) &&
      !isNeeded(target),
    source: async ({ run, checkpoint }) => {
      if (checkpoint === null) {
        return null;
      }
      const ref = { name: run.name, n: checkpoint.n };
      return (await confirmDelete(ref, trans)) ? deleteSource(ref, run.run_id) : null;
    }
  };
}

function deleteRun(trans: TranslationBundle): IAction {
  return {
    id: CommandIDs.deleteRun,
    icon: deleteIcon,
    label: () => trans.__('Delete Run…'),
    caption: () => trans.__('Delete the run with all its playbook checkpoints for good'),
    isEnabled: ({ run }) => !isLive(run),
    source: async ({ run }) =>
      (await confirmDeleteRun(run, trans))
        ? deleteSource({ name: run.name, n: null }, run.run_id)
        : null
  };
}

function numbered(target: ITarget | null): target is ITarget & { readonly n: number } {
  return target !== null && target.n !== null;
}

/** Whether a resume goes on from the target's checkpoint: it holds an await that would run again. */
function isNeeded({ run, checkpoint }: ITarget): boolean {
  return run.state !== 'finished' && checkpoint?.n === run.awaits;
}
