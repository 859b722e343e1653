/** The panel's own icon: a bookmark with a play mark in it. */
import { LabIcon } from '@jupyterlab/ui-components';

import playbookSvg from '../style/icons/playbook.svg';

export const playbookIcon = new LabIcon({ name: 'playbooks:playbook', svgstr: playbookSvg });
