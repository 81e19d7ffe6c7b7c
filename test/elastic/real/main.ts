import { type Product, type RealServer, startServer } from './server.ts'
import { type Step, stepsOn } from './steps.ts'

const HELP = `The elastic output against a real server: one that it starts (Java 17 and Maven are needed), or one that is there.

node test/elastic/real/main.ts opensearch|elastic [URL]

A server at URL gets our templates, and the index weir-alerts and the data stream logs-weir.alerts-default with made-up alerts:
let it be one that may be thrown away. Prints a line a step; exits 1 when a step failed.
`

const [product, url] = process.argv.slice(2)

if (product === 'elastic' || product === 'opensearch') process.exitCode = await main(product, url)
else process.stdout.write(HELP)

async function main(of: Product, given: string | undefined): Promise<number> {
  const there = { url: given ?? '', product: of, bare: false, stop: async () => undefined }
  const server: RealServer = given === undefined ? await startServer(of) : there
  try {
    let failed = 0
    for (const step of await stepsOn(server)) failed += (await isSo(step)) ? 0 : 1
    process.stdout.write(failed === 0 ? 'all is well\n' : `${failed} steps failed\n`)
    return failed === 0 ? 0 : 1
  } finally {
    await server.stop()
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
