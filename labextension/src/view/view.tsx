/** A drawn part of the panel: redrawn whenever the model changes. */
import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import React from 'react';

import type { PanelModel } from '../model';

export interface IViewProps {
  readonly model: PanelModel;
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
}

export class ModelView extends ReactWidget {
  constructor(draw: React.ComponentType<IViewProps>, props: IViewProps) {
    super();
    this.addClass('jp-PlaybooksPanel-view');
    this._draw = draw;
    this._props = props;
    props.model.changed.connect(this.update, this);
  }

  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._props.model.changed.disconnect(this.update, this);
    super.dispose();
  }

  protected render(): JSX.Element {
    const Draw = this._draw;
    return <Draw {...this._props} />;
  }

  private _draw: React.ComponentType<IViewProps>;
  private _props: IViewProps;
}
