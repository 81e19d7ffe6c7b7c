import manifest from '../package.json' with { type: 'json' }

/** The release, as alerts of our own show it. */
export const VERSION: string = manifest.version
