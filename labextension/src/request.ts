/** Requests to the server extension. Nothing here knows about widgets. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';

import { WIRE_FORMAT } from './tokens';
import type { IRefusal, IRunAnswer, IRunSource, IRunsAnswer } from './tokens';

/** Reads runs over REST; works while the kernel is busy, dead or absent. */
export class RestRunSource implements IRunSource {
  constructor(settings: ServerConnection.ISettings, trans: TranslationBundle) {
    this._settings = settings;
    this._trans = trans;
  }

  list(notebook: string): Promise<IRunsAnswer> {
    return this._get<IRunsAnswer>(`runs?notebook=${encodeURIComponent(notebook)}`);
  }

  read(store: string, name: string): Promise<IRunAnswer> {
    return this._get<IRunAnswer>(
      `runs/${encodeURIComponent(store)}/${encodeURIComponent(name)}`
    );
  }

  private async _get<T extends { format: number }>(endpoint: string): Promise<T> {
    const url = `${URLExt.join(this._settings.baseUrl, 'playbooks-ipython')}/${endpoint}`;
    let response: Response;
    try {
      response = await ServerConnection.makeRequest(url, {}, this._settings);
    } catch {
      throw new Error(this._trans.__('The Jupyter server does not answer.'));
    }
    const answer = parse<T>(await response.text());
    if (!response.ok) {
      throw new Error(answer?.message ?? this._explain(response.status));
    }
    if (answer?.format !== WIRE_FORMAT) {
      throw new Error(
        this._trans.__(
          'This panel and the server have different versions of playbooks-ipython. Install the same version in both and reload the page.'
        )
      );
    }
    return answer;
  }

  private _explain(status: number): string {
    return status === 404
      ? this._trans.__(
          'The Jupyter server has no playbooks-ipython extension. Install playbooks-ipython where JupyterLab is installed and restart the server.'
        )
      : this._trans.__('The Jupyter server answered with status %1.', status);
  }

  private _settings: ServerConnection.ISettings;
  private _trans: TranslationBundle;
}

/** The answer as JSON, or null where something else answered (a proxy's error page). */
function parse<T>(text: string): (T & Partial<IRefusal>) | null {
  try {
    return JSON.parse(text) as T & Partial<IRefusal>;
  } catch {
    return null;
  }
}
