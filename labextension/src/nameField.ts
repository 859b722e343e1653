/** The field of the question for a new run's name: says while one types why a name will not do. */
import type { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

const MESSAGE_ID = 'jp-PlaybooksPanel-nameMessage';

export class NameField extends Widget implements Dialog.IBodyWidget<string> {
  /** @param refuse gives the sentence that says why a name will not do, or null. */
  constructor(
    name: string,
    refuse: (name: string) => string | null,
    trans: TranslationBundle
  ) {
    super();
    this._refuse = refuse;
    this.addClass('jp-PlaybooksPanel-nameField');
    const label = document.createElement('label');
    label.textContent = trans.__('Name of the new run');
    this._input.className = 'jp-mod-styled';
    this._input.value = name;
    this._input.setAttribute('aria-describedby', MESSAGE_ID);
    this._input.addEventListener('input', () => this._check());
    label.append(this._input);
    this._message.id = MESSAGE_ID;
    this._message.setAttribute('role', 'alert');
    this._message.className = 'jp-PlaybooksPanel-error';
    const note = document.createElement('p');
    note.textContent = trans.__(
      'It begins with this playbook checkpoint. Nothing of it runs until you continue it.'
    );
    this.node.append(label, this._message, note);
    this._check();
  }

  getValue(): string {
    return this._input.value;
  }

  private _check(): void {
    const refusal = this._refuse(this.getValue());
    this._message.textContent = refusal;
    this._message.hidden = refusal === null;
    this._input.setAttribute('aria-invalid', String(refusal !== null));
  }

  private _refuse: (name: string) => string | null;
  private _input = document.createElement('input');
  private _message = document.createElement('p');
}
