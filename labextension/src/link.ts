/**
 * The link to one notebook's kernel: hears that something changed, and that the kernel died.
 * The comm only brings pushes; nothing is ever asked over it, since a comm that is pushed to and
 * asked over gets its questions stuck behind the running cell (ipykernel 7.4).
 */
import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { Debouncer } from '@lumino/polling';
import { Signal } from '@lumino/signaling';
import type { ISignal } from '@lumino/signaling';

import { Disposing } from './disposing';
import { EVENTS_TARGET } from './tokens';

/** The kernel is gone or going; `starting` follows where it comes back. */
const GONE: readonly KernelMessage.Status[] = ['autorestarting', 'restarting', 'dead'];
const BACK: readonly KernelMessage.Status[] = ['idle', 'busy'];

/**
 * How long the kernel must have been idle. It answers on a subshell even while a cell runs, and
 * would then be shown as idle for as long as that cell lasts; polling serves until it is done.
 */
const IDLE_MS = 200;

export class KernelLink extends Disposing {
  /**
   * @param context the notebook's session.
   * @param wanted whether this notebook has to do with playbooks at all. A kernel without our
   *   extension logs a line for every comm that it refuses, so others are left alone.
   */
  constructor(context: ISessionContext, wanted: () => boolean) {
    super();
    this._context = context;
    this._wanted = wanted;
    context.statusChanged.connect(this._onStatus, this);
    context.kernelChanged.connect(this._onKernel, this);
    this._opener = new Debouncer(() => this._open(), IDLE_MS);
    this.open();
  }

  /** The kernel says that a run has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The kernel died or is being restarted, or is back again. */
  get kernelLost(): ISignal<this, void> {
    return this._kernelLost;
  }

  protected release(): void {
    this._context.statusChanged.disconnect(this._onStatus, this);
    this._context.kernelChanged.disconnect(this._onKernel, this);
    this._opener.dispose();
    this._hangUp();
  }

  /** Ask again: a cell has run that may have loaded the extension. */
  retry(): void {
    this._refused = false;
    this.open();
  }

  /** Open the comm soon, if there is none by then and the kernel has not refused one. */
  open(): void {
    this._opener.invoke().catch(() => {
      // Disposed, or asked again: the later call does it.
    });
  }

  private _open(): void {
    const kernel = this._context.session?.kernel;
    if (this.isDisposed || !kernel || this._comm || this._refused || kernel.status !== 'idle') {
      return;
    }
    if (kernel.handleComms && this._wanted()) {
      this._connect(kernel);
    }
  }

  private _connect(kernel: Kernel.IKernelConnection): void {
    const comm = kernel.createComm(EVENTS_TARGET);
    comm.onMsg = () => this._changed.emit();
    comm.onClose = () => {
      // Either the kernel has no such target (the extension is not loaded), or it closed ours.
      if (this._comm === comm) {
        this._comm = null;
        this._refused = true;
      }
    };
    this._comm = comm;
    // Rejected when the kernel restarts before it has answered.
    comm.open().done.catch(() => this._forget(comm));
  }

  private _onStatus(_: ISessionContext, status: Kernel.Status): void {
    if (GONE.includes(status)) {
      this._drop();
      this._lost = true;
      this._kernelLost.emit();
    } else if (BACK.includes(status)) {
      if (this._lost) {
        this._lost = false;
        this._kernelLost.emit();
      }
      this.open();
    }
  }

  private _onKernel(): void {
    this._drop();
    this.open();
  }

  /** Comms die with their kernel, so there is nobody to tell: dispose, never close. */
  private _drop(): void {
    this._comm?.dispose();
    this._comm = null;
    this._refused = false;
  }

  /** The kernel lives on and need not push to nobody. */
  private _hangUp(): void {
    const comm = this._comm;
    this._comm = null;
    const status = this._context.session?.kernel?.status ?? 'dead';
    if (comm && !comm.isDisposed && BACK.includes(status)) {
      comm.close().done.catch(() => {
        // The kernel went away meanwhile, and the comm with it.
      });
    }
  }

  private _forget(comm: Kernel.IComm): void {
    if (this._comm === comm) {
      this._comm = null;
    }
  }

  private _context: ISessionContext;
  private _wanted: () => boolean;
  private _comm: Kernel.IComm | null = null;
  private _refused = false;
  private _lost = false;
  private _opener: Debouncer<void>;
  private _changed = new Signal<this, void>(this);
  private _kernelLost = new Signal<this, void>(this);
}
