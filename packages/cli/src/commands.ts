import type { Command } from 'commander'

type Add = (program: Command) => void

/** In the order in which help lists them. */
const COMMANDS: Readonly<Record<string, () => Promise<Add>>> = {
  aggregator: async () => (await import('./commands/run.ts')).addAggregator,
  forwarder: async () => (await import('./commands/run.ts')).addForwarder,
  rules: async () => (await import('./commands/rules.ts')).addRules,
  replay: async () => (await import('./commands/replay.ts')).addReplay,
  normalize: async () => (await import('./commands/normalize.ts')).addNormalize,
  alerts: async () => (await import('./commands/alerts.ts')).addAlerts,
  quarantine: async () => (await import('./commands/quarantine.ts')).addQuarantine,
  queue: async () => (await import('./commands/queue.ts')).addQueue,
  audit: async () => (await import('./commands/audit.ts')).addAudit,
  ledger: async () => (await import('./commands/ledger.ts')).addLedger,
  canary: async () => (await import('./commands/canary.ts')).addCanary,
  doctor: async () => (await import('./commands/doctor.ts')).addDoctor,
  verify: async () => (await import('./commands/verify.ts')).addVerify,
  token: async () => (await import('./commands/token.ts')).addToken,
}

/**
 * Adds the command that was called, or all of them for help and for names that are none: some need cloud
 * libraries that take a second to load, most do not.
 */
export async function loadCommands(program: Command, called: string | undefined): Promise<void> {
  const known = called !== undefined && Object.hasOwn(COMMANDS, called) ? [COMMANDS[called]!] : undefined
  for (const load of known ?? Object.values(COMMANDS)) (await load())(program)
}
