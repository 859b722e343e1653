/** The panel's own icons: a bookmark with a play mark in it, a pin, and a line that parts in two. */
import { LabIcon } from '@jupyterlab/ui-components';

import forkSvg from '../style/icons/fork.svg';
import pinSvg from '../style/icons/pin.svg';
import playbookSvg from '../style/icons/playbook.svg';

export const playbookIcon = new LabIcon({ name: 'playbooks:playbook', svgstr: playbookSvg });
export const pinIcon = new LabIcon({ name: 'playbooks:pin', svgstr: pinSvg });
export const forkIcon = new LabIcon({ name: 'playbooks:fork', svgstr: forkSvg });
