import type { Command } from 'commander'

export interface ConnectionOptions {
  readonly url?: string
  readonly tokenEnv: string
  readonly tokenFile?: string
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** The options by which a command reaches an aggregator. */
export function withConnection(command: Command): Command {
  return command
    .option('--url <url>', 'the aggregator (default: environment WEIR_URL)')
    .option('--token-env <name>', 'environment variable that holds the token', 'WEIR_TOKEN')
    .option('--token-file <file>', 'file that holds the token, instead')
    .option('--ca <file>', 'PEM: whose certificates to trust')
    .option('--cert <file>', 'PEM: certificate to show, with --key')
    .option('--key <file>', 'PEM: its key')
}
