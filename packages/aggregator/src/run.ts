import { aborted, createReport, systemClock, untilSignalled } from '@weir/runtime'
import { startAggregator } from './aggregator.ts'
import { readAggregatorConfig } from './config.ts'

/** Runs the aggregator of a configuration file until SIGINT or SIGTERM; says on standard output when it is ready. */
export async function runAggregator(configFile: string, target: NodeJS.Process): Promise<void> {
  const config = readAggregatorConfig(configFile, target.env)
  const signal = untilSignalled(target)
  const report = createReport(config.log.level)
  const aggregator = await startAggregator(config, { clock: systemClock, report, random: Math.random })
  target.stdout.write(`${JSON.stringify({ ready: true, pid: target.pid, url: aggregator.url })}\n`)
  await aborted(signal)
  await aggregator.stop()
  // All is on disk; a timer that a cloud library left behind is nothing to wait for.
  target.exit()
}
