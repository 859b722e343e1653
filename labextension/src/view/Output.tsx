/** The output that was kept with the run, as text. */
import type { JSONValue } from '@lumino/coreutils';
import React from 'react';

import type { IViewProps } from './view';

export function Output({ model, trans }: IViewProps): JSX.Element {
  const parts = model.state.detail?.output ?? [];
  if (parts.length === 0) {
    return <p className="jp-PlaybooksPanel-placeholder">{trans.__('No output was kept.')}</p>;
  }
  return (
    <pre className="jp-PlaybooksPanel-output">
      {parts.map(([channel, data], index) => (
        <span key={index} data-channel={channel}>
          {textOf(data)}
        </span>
      ))}
    </pre>
  );
}

/** Streams are text; displays are MIME bundles, of which the plain text stands here. */
function textOf(data: JSONValue): string {
  if (typeof data === 'string') {
    return data;
  }
  if (data === null || typeof data !== 'object' || Array.isArray(data)) {
    return '';
  }
  const bundle = (data['data'] ?? data) as JSONValue;
  const plain = bundle !== null && typeof bundle === 'object' && !Array.isArray(bundle)
    ? bundle['text/markdown'] ?? bundle['text/plain']
    : undefined;
  return typeof plain === 'string' ? `${plain}\n` : '';
}
