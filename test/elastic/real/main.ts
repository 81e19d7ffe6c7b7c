import { startOpenSearch } from './server.ts'
import { type Step, stepsOn } from './steps.ts'

const HELP = `The elastic output against a real OpenSearch: against one that it starts (Java 17 and Maven are needed), or one that is there.

node test/elastic/real/main.ts [URL]

A server at URL gets our templates, and the index weir-alerts and the data stream logs-weir.alerts-default with made-up alerts:
let it be one that may be thrown away. With PRODUCT=elastic in the environment the templates are those for Elasticsearch.
Prints a line a step; exits 1 when a step failed.
`

if (process.argv.includes('--help')) process.stdout.write(HELP)
else process.exitCode = await main(process.argv[2], process.env['PRODUCT'] ?? 'opensearch')

async function main(given: string | undefined, product: string): Promise<number> {
  const server = given === undefined ? await startOpenSearch() : undefined
  try {
    let failed = 0
    for (const step of await stepsOn(server?.url ?? given!, product)) failed += (await isSo(step)) ? 0 : 1
    process.stdout.write(failed === 0 ? 'all is well\n' : `${failed} steps failed\n`)
    return failed === 0 ? 0 : 1
  } finally {
    await server?.stop()
  }
}

async function isSo({ name, see }: Step): Promise<boolean> {
  try {
    await see()
    process.stdout.write(`ok      ${name}\n`)
    return true
  } catch (error) {
    process.stdout.write(`FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    return false
  }
}
