import type { GuardedServer } from '@weir/emulator'

/**
 * Gives this process the managed identity of a stand-in; the function that it returns takes it away. Once a
 * process only: the library keeps the first place that it found.
 */
export function withIdentity(server: GuardedServer): () => void {
  const identity = server.identity
  Object.assign(process.env, identity)
  return () => {
    for (const key of Object.keys(identity)) delete process.env[key]
  }
}
