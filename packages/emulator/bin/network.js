// Entry of `npm start` and `npm run demo`: the cache must be on before the first module is compiled.
import { enableCompileCache } from 'node:module'

enableCompileCache()
await import('../src/main.ts')
