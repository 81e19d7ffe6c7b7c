import { aborted, createReport, systemClock, untilSignalled } from '@weir/runtime'
import { readForwarderConfig } from './config.ts'
import { startForwarder } from './forwarder.ts'

/**
 * Runs a forwarder until SIGINT or SIGTERM. Prints `{"ready":true,"pid":…,"url":null}` once the spool is
 * open and the
 * workers run. Throws `WeirError` when it cannot start.
 */
export async function runForwarder(configFile: string, of: NodeJS.Process): Promise<void> {
  const config = readForwarderConfig(configFile, of.env)
  const signal = untilSignalled(of)
  const report = createReport(config.log.level)
  const forwarder = await startForwarder(config, { clock: systemClock, report, random: Math.random })
  of.stdout.write(`${JSON.stringify({ ready: true, pid: of.pid, url: null })}\n`)
  await aborted(signal)
  await forwarder.stop()
}
