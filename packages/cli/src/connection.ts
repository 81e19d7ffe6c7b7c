import { readFileSync } from 'node:fs'
import { type Client, ContractError, createClient } from '@weir/contract'
import { messageOf, WeirError } from '@weir/runtime'
import type { ConnectionOptions } from './connection-options.ts'
import { CallFailed, EXIT } from './exit.ts'

/**
 * Runs `work` with a client and closes it. Throws `WeirError` for options that lead nowhere, `CallFailed` for a
 * call that did not succeed.
 */
export async function withClient(
  options: ConnectionOptions,
  environment: NodeJS.ProcessEnv,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const url = urlOf(options, environment)
  const client = createClient({ url, token: tokenOf(options, environment), ...pemsOf(options) })
  try {
    await work(client)
  } catch (error) {
    throw error instanceof ContractError ? failureOf(error, url) : error
  } finally {
    await client.close()
  }
}

function urlOf({ url }: ConnectionOptions, environment: NodeJS.ProcessEnv): string {
  const given = url ?? environment['WEIR_URL']
  if (given === undefined || given === '')
    throw new WeirError('WRONG_USE', 'which aggregator? Give --url or set WEIR_URL')
  if (/^https?:\/\//.test(given) && URL.canParse(given)) return given
  throw new WeirError('WRONG_USE', `"${given}" is no URL such as https://weir.example:8443`)
}

function tokenOf({ tokenEnv, tokenFile }: ConnectionOptions, environment: NodeJS.ProcessEnv): string {
  const token = tokenFile === undefined ? environment[tokenEnv] : fileOf(tokenFile)
  if (token !== undefined && token.trim() !== '') return headerSafe(token.trim())
  const place = tokenFile === undefined ? `environment variable ${tokenEnv}` : tokenFile
  throw new WeirError('SECRET_MISSING', `no token in ${place}; set it, or give --token-env or --token-file`)
}

/** What cannot stand in a header was never a token; said here, it is not shown. */
function headerSafe(token: string): string {
  if (/^[!-~]+$/.test(token)) return token
  throw new WeirError('WRONG_USE', 'the token holds characters that no token has; is it the right file?')
}

function pemsOf({ ca, cert, key }: ConnectionOptions) {
  if ((cert === undefined) !== (key === undefined))
    throw new WeirError('WRONG_USE', '--cert and --key go together')
  return {
    ...(ca === undefined ? {} : { ca: fileOf(ca) }),
    ...(cert === undefined || key === undefined ? {} : { cert: fileOf(cert), key: fileOf(key) }),
  }
}

function fileOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new WeirError('INPUT_UNREADABLE', `cannot read ${path}`, { cause })
  }
}

function failureOf(error: ContractError, url: string): CallFailed {
  const exit = error.code === 'NOT_FOUND' ? EXIT.findings : EXIT.wrongUse
  return new CallFailed(error.code, wordsOf(error, url), exit, error)
}

function wordsOf(error: ContractError, url: string): string {
  switch (error.code) {
    case 'UNREACHABLE':
      return `${url} cannot be reached: ${oneLine(messageOf(error.cause))}; look at --url and, for its certificate, --ca`
    case 'NO_TOKEN':
      return `${url} does not know this token; look at --token-env or --token-file`
    case 'WRONG_ROLE':
      return `${url} does not serve this to the role of this token; it takes a reader's or an admin's`
    default:
      return error.message
  }
}

/** What OpenSSL says ends with a newline. */
function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}
