export { KakaoLocal, type KakaoPlace } from './kakao-local.js';
export { importAliases, type ImportReport, importRegions, RegionFileError } from './region-import.js';
export { regionNameSql } from './region-name.sql.js';
export { RegionsModule } from './regions.module.js';
