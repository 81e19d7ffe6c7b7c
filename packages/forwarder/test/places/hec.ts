import { Collector } from '../support/collector.ts'
import type { OutputPlaceType } from './place.ts'

export const HEC_PLACE: OutputPlaceType = place('hec', {}, undefined)
export const HEC_ACK_PLACE: OutputPlaceType = place('hec with ack', { ack: true }, 1)

function place(name: string, more: object, ackFromPoll: number | undefined): OutputPlaceType {
  return {
    name,
    can: ['refuse one', 'refuse us'],
    open: async () => {
      const collector = new Collector()
      collector.ackFromPoll = ackFromPoll
      const url = await collector.listen()
      return {
        config: { type: 'hec', url, token: { file: 'hec-token' }, ...more },
        received: () => collector.revisions(),
        down: async () => {
          collector.refuses = { status: 503, code: 9 }
        },
        up: async () => {
          collector.refuses = undefined
        },
        refuse: (id) => {
          collector.bad = ({ fields }) => fields['alert_id'] === id
        },
        refuseSetup: (refused) => {
          collector.refuses = refused ? { status: 403, code: 4 } : undefined
        },
        close: () => collector.close(),
      }
    },
  }
}
