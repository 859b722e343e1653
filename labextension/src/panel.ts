/** The side panel: a message area above five sections that fold. */
import type { ITranslator } from '@jupyterlab/translation';
import {
  CommandToolbarButton,
  PanelWithToolbar,
  SidePanel
} from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import { Poll } from '@lumino/polling';
import { AccordionPanel } from '@lumino/widgets';
import type { ComponentType } from 'react';

import { playbookIcon } from './icons';
import type { PanelModel } from './model';
import { CommandIDs, PANEL_ID, TRANSLATION_DOMAIN } from './tokens';
import { Code } from './view/Code';
import { Output } from './view/Output';
import { RunList } from './view/RunList';
import { Status } from './view/Status';
import { Timeline } from './view/Timeline';
import { Variables } from './view/Variables';
import { ModelView } from './view/view';
import type { IViewProps } from './view/view';

/** How often runs are read again while the panel is seen and the kernel pushes nothing. */
const POLL_MS = 3000;

export class PlaybooksPanel extends SidePanel {
  constructor(model: PanelModel, commands: CommandRegistry, translator: ITranslator) {
    super({ translator });
    const trans = translator.load(TRANSLATION_DOMAIN);
    this._model = model;
    this._views = { model, commands, trans };
    this.id = PANEL_ID;
    this.title.icon = playbookIcon;
    this.title.caption = trans.__('Playbook Checkpoints');
    this.title.dataset = { jpTabLabel: trans.__('Playbook checkpoints') };
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Playbook checkpoints'));
    this.addClass('jp-PlaybooksPanel');
    this.header.addWidget(new ModelView(Status, this._views));
    const runs = this._section(trans.__('Runs'), RunList);
    runs.toolbar.addItem(
      'refresh',
      new CommandToolbarButton({ commands, id: CommandIDs.refresh, label: '' })
    );
    this._section(trans.__('Playbook checkpoints'), Timeline);
    this._section(trans.__('Code'), Code);
    this._section(trans.__('Variables'), Variables);
    this._section(trans.__('Output'), Output);
    if (this.content instanceof AccordionPanel) {
      this.content.setRelativeSizes([3, 4, 4, 3, 2]);
    }
    model.changed.connect(this._onChanged, this);
    this._onChanged();
    this._poll = new Poll({
      name: 'playbooks-ipython:runs',
      factory: () => this._model.refresh(),
      frequency: { interval: POLL_MS, backoff: true, max: 10 * POLL_MS },
      standby: () => (this.isVisible ? 'when-hidden' : true)
    });
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._poll.dispose();
    this._model.changed.disconnect(this._onChanged, this);
    super.dispose();
  }

  /** What was missed while hidden. */
  protected onAfterShow(msg: Message): void {
    super.onAfterShow(msg);
    this._model.refreshSoon();
  }

  private _section(label: string, draw: ComponentType<IViewProps>): PanelWithToolbar {
    const section = new PanelWithToolbar();
    section.title.label = label;
    section.addWidget(new ModelView(draw, this._views));
    this.addWidget(section);
    return section;
  }

  /** Sections stand only where there is a run; otherwise the message stands alone. */
  private _onChanged(): void {
    this.content.setHidden(this._model.state.runs.length === 0);
  }

  private _model: PanelModel;
  private _views: IViewProps;
  private _poll: Poll<void>;
}
