export type { Chain } from './chain.ts'
export { openStore, type StoreOptions } from './store.ts'
