import type { CanariesReply } from '@weir/contract'

export type Canary = CanariesReply['items'][number]

/** True once every output of every forwarder that its alert crosses to has acknowledged it. */
export function isDelivered({ forwarders }: Canary): boolean {
  const crossed = forwarders.filter(({ filtered }) => !filtered)
  const outputs = crossed.flatMap((each) => each.outputs)
  if (crossed.some((each) => each.outputs.length === 0)) return false
  return outputs.length > 0 && outputs.every(({ acknowledged }) => acknowledged !== undefined)
}

/** Why its alert will never come anywhere, as far as the aggregator knows; `undefined` while it may. */
export function hopeless({ alert, shipped, forwarders }: Canary): string | undefined {
  if (alert === undefined)
    return 'it arrived, and no rule looked for it: put rules/weir/canary.json into a rule folder'
  if (!shipped) return 'its alert is kept and not shipped: take the rule weir.canary out of shadow mode'
  if (forwarders.length === 0) return 'no forwarder is registered'
  if (forwarders.every(({ filtered }) => filtered))
    return "every forwarder's filter holds its alert back: let the rule weir.canary through"
  return undefined
}

/** One line for each stage: its time, how long after the planting, and what it is. */
export function stageLines(canary: Canary): readonly string[] {
  const { planted, arrived, committed, source, forwarders } = canary
  const line = (time: string | undefined, what: string): string =>
    `${(time ?? '').padEnd(24)}  ${after(planted, time).padStart(10)}  ${what}`
  return [
    line(planted, 'planted, by the clock of who planted it'),
    line(arrived, `arrived at ${source}, by the clock of the service`),
    line(committed, 'its alert was committed by the aggregator'),
    ...forwarders.flatMap(({ name, filtered, fetched, outputs }) => {
      if (filtered) return [line(undefined, `held back by the filter of forwarder ${name}`)]
      const acks = outputs.map(({ output, acknowledged }) =>
        line(
          acknowledged,
          `${acknowledged === undefined ? 'not yet ' : ''}acknowledged by output ${output} of ${name}`,
        ),
      )
      return [
        line(fetched, `${fetched === undefined ? 'not yet ' : ''}fetched by forwarder ${name}`),
        ...acks,
      ]
    }),
  ]
}

function after(from: string, to: string | undefined): string {
  return to === undefined ? '' : `+${((Date.parse(to) - Date.parse(from)) / 1000).toFixed(3)} s`
}
