import { regionCodeMover } from '../users/index.js';

/** Old codes of the regions in which walks began become those of today. */
export const moveStartRegions = regionCodeMover('walks_move_start_regions', 'walks', 'start_region_code');
