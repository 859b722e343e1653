/** The commands: everything that the panel can do, for its buttons, the palette and shortcuts. */
import type { ISessionContextDialogs } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { refreshIcon } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate, DisposableSet } from '@lumino/disposable';

import { actions } from './actions';
import type { IAction, ITarget } from './actions';
import { runBelow } from './cells';
import { playbookIcon } from './icons';
import { keyOf } from './model';
import type { PanelModel } from './model';
import { CommandIDs } from './tokens';

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

const TARGET_ARGS = {
  args: {
    type: 'object',
    properties: {
      run: { type: 'string', description: 'Name of the run; the chosen one by default' },
      n: {
        type: 'number',
        description:
          'Number of the checkpoint; by default the newest is continued and restored, and the chosen one forked, pinned and deleted'
      }
    }
  }
};

/** Add every command to the registry; disposing removes them. */
export function addCommands(commands: CommandRegistry, context: ICommandContext): IDisposable {
  const added = new DisposableSet();
  added.add(addOpen(commands, context));
  added.add(addRefresh(commands, context));
  for (const action of actions(context.trans)) {
    added.add(addAction(commands, context, action));
  }
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

function addAction(
  commands: CommandRegistry,
  context: ICommandContext,
  action: IAction
): IDisposable {
  return commands.addCommand(action.id, {
    label: args => action.label(targetOf(context, args)),
    caption: args => action.caption(targetOf(context, args)),
    icon: action.icon,
    describedBy: TARGET_ARGS,
    isEnabled: args => {
      const target = targetOf(context, args);
      return target !== null && notebookOf(context) !== null && action.isEnabled(target);
    },
    execute: args => act(context, action, targetOf(context, args))
  });
}

async function act(
  context: ICommandContext,
  action: IAction,
  target: ITarget | null
): Promise<void> {
  const panel = notebookOf(context);
  const source = target && panel ? await action.source(target) : null;
  if (!target || !panel || source === null) {
    return;
  }
  context.reveal(panel);
  await runBelow(panel, target.run.cell_id, source, context.dialogs, context.translator);
  context.model.refreshSoon();
}

/** The run that the arguments name, else the chosen one, and which of its checkpoints. */
function targetOf(
  { model }: ICommandContext,
  args: ReadonlyPartialJSONObject
): ITarget | null {
  const run = typeof args['run'] === 'string' ? model.find(args['run']) : model.run;
  if (run === null) {
    return null;
  }
  const n = typeof args['n'] === 'number' ? args['n'] : null;
  const detail = model.state.detail;
  const read = detail !== null && keyOf(detail.run) === keyOf(run);
  const given = read ? detail.checkpoints.find(each => each.n === n) ?? null : null;
  return {
    run,
    n,
    checkpoint: n === null && read ? model.checkpoint : given,
    taken: model.state.runs.map(each => each.name)
  };
}

/** The notebook whose runs are shown, if it is still the current one. */
function notebookOf({ model, tracker }: ICommandContext): NotebookPanel | null {
  const panel = tracker.currentWidget;
  return panel && panel.context.path === model.state.notebook ? panel : null;
}
