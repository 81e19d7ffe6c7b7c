import { createHash, randomBytes } from 'node:crypto'
import { WeirError } from '@weir/runtime'
import type { Command } from 'commander'
import { example } from '../example.ts'
import { type Output, outputOf } from '../output.ts'

/** Enough that nobody guesses it, short enough for a line. */
const TOKEN_BYTES = 32

/** `weir token …`: tokens for the API, and what the configuration keeps of them. */
export function addToken(program: Command): void {
  const token = program
    .command('token')
    .description('make a token for the API, or hash one')
    .addHelpText('after', example('weir token new'))
  token
    .command('new')
    .description('print a random token, and its SHA-256 for the configuration')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      `${example('weir token new')}\n\nThe token goes to who uses it, the SHA-256 into \`api.tokens\`.`,
    )
    .action(({ json }: { json?: boolean }) => newToken(json === true, outputOf(process)))
  token
    .command('hash')
    .description('read a token from standard input and print its SHA-256')
    .option('--json', 'one JSON object')
    .addHelpText('after', example('weir token hash < token.txt'))
    .action(({ json }: { json?: boolean }) => hashGiven(json === true, outputOf(process)))
}

function newToken(json: boolean, output: Output): void {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const sha256 = sha256Of(token)
  if (json) output.json({ token, sha256 })
  else for (const line of [`token   ${token}`, `sha256  ${sha256}`]) output.line(line)
}

async function hashGiven(json: boolean, output: Output): Promise<void> {
  if (process.stdin.isTTY) output.note('Type or paste the token, then Enter and Ctrl-D.')
  const token = (await textOf(process.stdin)).trim()
  if (token === '') throw new WeirError('WRONG_USE', 'no token came on standard input')
  const sha256 = sha256Of(token)
  if (json) output.json({ sha256 })
  else output.line(sha256)
}

/** As the aggregator hashes what a request brings. */
function sha256Of(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

async function textOf(chunks: AsyncIterable<Buffer | string>): Promise<string> {
  let text = ''
  for await (const chunk of chunks) text += String(chunk)
  return text
}
