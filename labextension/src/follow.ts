/** Keeps the model on the current notebook, and hears its kernel through a link. */
import { NotebookActions } from '@jupyterlab/notebook';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { mentionsPlaybooks } from './cells';
import { Disposing } from './disposing';
import { KernelLink } from './link';
import type { PanelModel } from './model';

export class NotebookFollower extends Disposing {
  constructor(model: PanelModel, tracker: INotebookTracker) {
    super();
    this._model = model;
    this._tracker = tracker;
    tracker.currentChanged.connect(this._onCurrent, this);
    NotebookActions.executed.connect(this._onExecuted, this);
    this._onCurrent();
  }

  /** The current notebook's kernel died or is being restarted, or is back. */
  get kernelLost(): ISignal<this, void> {
    return this._kernelLost;
  }

  protected release(): void {
    this._tracker.currentChanged.disconnect(this._onCurrent, this);
    NotebookActions.executed.disconnect(this._onExecuted, this);
    this._leave();
  }

  private _onCurrent(): void {
    const panel = this._tracker.currentWidget;
    if (panel === this._panel) {
      return;
    }
    this._leave();
    this._panel = panel;
    if (panel) {
      this._enter(panel);
    }
    void this._model.follow(panel?.context.path ?? null);
  }

  private _enter(panel: NotebookPanel): void {
    const link = new KernelLink(
      panel.sessionContext,
      () => this._model.state.runs.length > 0 || mentionsPlaybooks(panel.content)
    );
    link.changed.connect(() => this._model.refreshSoon());
    link.kernelLost.connect(() => this._kernelLost.emit());
    this._link = link;
    panel.context.pathChanged.connect(this._onRenamed, this);
    void panel.context.ready.then(() => link.isDisposed || link.open());
  }

  private _leave(): void {
    this._panel?.context.pathChanged.disconnect(this._onRenamed, this);
    this._link?.dispose();
    this._link = null;
  }

  private _onRenamed(): void {
    void this._model.follow(this._panel?.context.path ?? null);
  }

  /** A cell may have loaded the extension, or written a run that nobody pushed. */
  private _onExecuted(_: unknown, args: { notebook: object }): void {
    if (args.notebook === this._panel?.content) {
      this._link?.retry();
      this._model.refreshSoon();
    }
  }

  private _model: PanelModel;
  private _tracker: INotebookTracker;
  private _panel: NotebookPanel | null = null;
  private _link: KernelLink | null = null;
  private _kernelLost = new Signal<this, void>(this);
}
