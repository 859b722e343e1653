/** The output that was kept with the run, as text. */
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
          {channel === 'display' ? displayText(data) : data}
        </span>
      ))}
    </pre>
  );
}

/** A display is a MIME bundle as JSON, of which the text stands here. */
function displayText(json: string): string {
  const bundle = parseBundle(json);
  const text = bundle['text/markdown'] ?? bundle['text/plain'];
  return typeof text === 'string' ? `${text}\n` : '';
}

function parseBundle(json: string): { [mime: string]: unknown } {
  try {
    const value: unknown = JSON.parse(json);
    return value !== null && typeof value === 'object' ? { ...value } : {};
  } catch {
    return {};
  }
}
