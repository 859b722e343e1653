/** The commands: everything that the panel can do, for its buttons, the palette and shortcuts. */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { ISessionContextDialogs } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { historyIcon, refreshIcon, runIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate, DisposableSet } from '@lumino/disposable';

import { continueSource, restoreSource, runBelow } from './cells';
import type { ICheckpointRef } from './cells';
import { playbookIcon } from './icons';
import { isContinuable, isLive } from './model';
import type { PanelModel } from './model';
import type { IRunEntry } from './tokens';

export namespace CommandIDs {
  export const open = 'playbooks:open';
  export const refresh = 'playbooks:refresh';
  export const continueRun = 'playbooks:continue';
  export const restore = 'playbooks:restore';
}

export interface ICommandContext {
  readonly model: PanelModel;
  readonly tracker: INotebookTracker;
  readonly translator: ITranslator;
  readonly trans: TranslationBundle;
  readonly dialogs: ISessionContextDialogs | undefined;
  /** Bring the panel into view. */
  readonly open: () => void;
  /** Bring the notebook into view, so that the new cell is seen. */
  readonly reveal: (panel: NotebookPanel) => void;
}

const NO_ARGS = { args: { type: 'object', properties: {} } };

const CHECKPOINT_ARGS = {
  args: {
    type: 'object',
    properties: {
      run: { type: 'string', description: 'Name of the run; the chosen one by default' },
      n: { type: 'number', description: 'Number of the checkpoint; the newest by default' }
    }
  }
};

/** Add every command to the registry; disposing removes them. */
export function addCommands(commands: CommandRegistry, context: ICommandContext): IDisposable {
  const added = new DisposableSet();
  added.add(addOpen(commands, context));
  added.add(addRefresh(commands, context));
  added.add(addContinue(commands, context));
  added.add(addRestore(commands, context));
  const notify = () => commands.notifyCommandChanged();
  context.model.changed.connect(notify);
  added.add(new DisposableDelegate(() => context.model.changed.disconnect(notify)));
  return added;
}

function addOpen(commands: CommandRegistry, { trans, open }: ICommandContext): IDisposable {
  return commands.addCommand(CommandIDs.open, {
    label: trans.__('Show Playbook Checkpoints'),
    caption: trans.__('Show the playbook checkpoints of the current notebook'),
    icon: playbookIcon,
    describedBy: NO_ARGS,
    execute: open
  });
}

function addRefresh(commands: CommandRegistry, { trans, model }: ICommandContext): IDisposable {
  return commands.addCommand(CommandIDs.refresh, {
    label: trans.__('Refresh Playbook Checkpoints'),
    caption: trans.__('Read the playbook checkpoints again'),
    icon: refreshIcon,
    describedBy: NO_ARGS,
    isEnabled: () => model.state.notebook !== null,
    execute: () => model.refresh()
  });
}

function addContinue(commands: CommandRegistry, context: ICommandContext): IDisposable {
  const { trans } = context;
  return commands.addCommand(CommandIDs.continueRun, {
    label: args =>
      args['n'] === undefined ? trans.__('Continue') : trans.__('Continue Here'),
    caption: args =>
      args['n'] === undefined
        ? trans.__('Continue after the last completed await, in a new cell below the run')
        : trans.__('Continue after await %1, in a new cell below the run', args['n']),
    icon: runIcon,
    describedBy: CHECKPOINT_ARGS,
    isEnabled: args => {
      const run = runOf(context, args);
      if (!run || !notebookOf(context)) {
        return false;
      }
      // An older checkpoint of a finished run can be gone on from: that forks.
      return args['n'] === undefined ? isContinuable(run) : !isLive(run);
    },
    execute: args => runCell(context, args, continueSource)
  });
}

function addRestore(commands: CommandRegistry, context: ICommandContext): IDisposable {
  const { trans } = context;
  return commands.addCommand(CommandIDs.restore, {
    label: trans.__('Restore'),
    caption: args =>
      args['n'] === undefined
        ? trans.__('Bring back the variables of the newest playbook checkpoint')
        : trans.__('Bring back the variables as they were after await %1', args['n']),
    icon: historyIcon,
    describedBy: CHECKPOINT_ARGS,
    isEnabled: args => {
      const run = runOf(context, args);
      return run !== null && run.awaits > 0 && !isLive(run) && notebookOf(context) !== null;
    },
    execute: async args => {
      const run = runOf(context, args);
      if (run && (await confirmRestore(trans, refOf(run, args)))) {
        await runCell(context, args, restoreSource);
      }
    }
  });
}

async function confirmRestore(trans: TranslationBundle, ref: ICheckpointRef): Promise<boolean> {
  const { button } = await showDialog({
    title: trans.__('Restore playbook checkpoint?'),
    body:
      ref.n === null
        ? trans.__(
            'The variables of this notebook’s kernel are replaced by those of the newest playbook checkpoint of %1. "%playbook undo" brings the present ones back.',
            ref.name
          )
        : trans.__(
            'The variables of this notebook’s kernel are replaced by those of playbook checkpoint %1. "%playbook undo" brings the present ones back.',
            `${ref.name}@${ref.n}`
          ),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.warnButton({ label: trans.__('Restore') })
    ],
    defaultButton: 0
  });
  return button.accept;
}

async function runCell(
  context: ICommandContext,
  args: ReadonlyPartialJSONObject,
  sourceOf: (ref: ICheckpointRef) => string
): Promise<void> {
  const run = runOf(context, args);
  const panel = notebookOf(context);
  if (!run || !panel) {
    return;
  }
  context.reveal(panel);
  const source = sourceOf(refOf(run, args));
  await runBelow(panel, run.cell_id, source, context.dialogs, context.translator);
  context.model.refreshSoon();
}

/** The run that the arguments name, else the chosen one. */
function runOf({ model }: ICommandContext, args: ReadonlyPartialJSONObject): IRunEntry | null {
  const name = args['run'];
  return typeof name === 'string' ? model.find(name) : model.run;
}

function refOf(run: IRunEntry, args: ReadonlyPartialJSONObject): ICheckpointRef {
  const n = args['n'];
  return { name: run.name, n: typeof n === 'number' ? n : null };
}

/** The notebook whose runs are shown, if it is still the current one. */
function notebookOf({ model, tracker }: ICommandContext): NotebookPanel | null {
  const panel = tracker.currentWidget;
  return panel && panel.context.path === model.state.notebook ? panel : null;
}
