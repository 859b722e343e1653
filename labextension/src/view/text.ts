/** Numbers, times and states as words. */
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { State } from '../tokens';

export function stateText(state: State, trans: TranslationBundle): string {
  switch (state) {
    case 'running':
      return trans.__('running');
    case 'waiting':
      return trans.__('waiting for input');
    case 'interrupted':
      return trans.__('interrupted');
    case 'failed':
      return trans.__('failed');
    case 'finished':
      return trans.__('finished');
  }
}

/** How long ago, in words. */
export function agoText(seconds: number): string {
  return Time.formatHuman(new Date(seconds * 1000));
}

/** The time of day, to the second. */
export function clockText(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString();
}

export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}
