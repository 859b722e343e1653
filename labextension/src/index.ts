/** Activation: puts the parts together. */
import { ILayoutRestorer } from '@jupyterlab/application';
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, ISessionContextDialogs } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { addCommands } from './commands';
import { NotebookFollower } from './follow';
import { PanelModel } from './model';
import { ContinueOffer } from './offer';
import { PlaybooksPanel } from './panel';
import { RestRunSource } from './request';
import { CommandIDs, PANEL_ID, PLUGIN_ID, TRANSLATION_DOMAIN } from './tokens';

const plugin: JupyterFrontEndPlugin<void> = {
  id: PLUGIN_ID,
  description: 'Shows the playbook checkpoints of the current notebook and continues from them.',
  autoStart: true,
  requires: [INotebookTracker],
  optional: [ITranslator, ISessionContextDialogs, ICommandPalette, ILayoutRestorer],
  activate
};

function activate(
  app: JupyterFrontEnd,
  tracker: INotebookTracker,
  someTranslator: ITranslator | null,
  dialogs: ISessionContextDialogs | null,
  palette: ICommandPalette | null,
  restorer: ILayoutRestorer | null
): void {
  const { commands, serviceManager, shell } = app;
  const translator = someTranslator ?? nullTranslator;
  const trans = translator.load(TRANSLATION_DOMAIN);
  const model = new PanelModel(new RestRunSource(serviceManager.serverSettings, trans));
  const added = addCommands(commands, {
    model,
    tracker,
    translator,
    trans,
    dialogs: dialogs ?? undefined,
    open: () => shell.activateById(PANEL_ID),
    reveal: panel => shell.activateById(panel.id)
  });
  const panel = new PlaybooksPanel(model, commands, translator);
  shell.add(panel, 'right', { rank: 700, type: 'Playbook checkpoints' });
  restorer?.add(panel, PANEL_ID);
  const follower = new NotebookFollower(model, tracker);
  const offer = new ContinueOffer(model, follower, commands, trans);
  panel.disposed.connect(() => {
    added.dispose();
    offer.dispose();
    follower.dispose();
    model.dispose();
  });
  const category = trans.__('Playbook Checkpoints');
  for (const command of Object.values(CommandIDs)) {
    palette?.addItem({ command, category });
  }
}

export default plugin;
