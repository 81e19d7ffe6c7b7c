import manifest from '../package.json' with { type: 'json' }

/** The release, as alerts and `/v1/health` show it. */
export const VERSION: string = manifest.version
