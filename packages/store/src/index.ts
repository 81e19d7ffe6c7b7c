export type { Chain } from './chain.ts'
export { feedLine } from './feed-line.ts'
export { storeVersion } from './open.ts'
export { openStore, type StoreOptions } from './store.ts'
