/** What is disposed of once, however often it is asked to be. */
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';

export abstract class Disposing implements IDisposable {
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.release();
    Signal.clearData(this);
  }

  /** Let go of everything, once. Signals of one's own are cleared afterwards. */
  protected abstract release(): void;

  private _isDisposed = false;
}
