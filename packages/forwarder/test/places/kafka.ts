import { CODES, KafkaBroker, TOPIC } from '../support/kafka-broker.ts'
import type { OutputPlaceType } from './place.ts'

export const KAFKA_PLACE: OutputPlaceType = {
  name: 'kafka',
  can: ['refuse one', 'refuse us'],
  open: async () => {
    const broker = new KafkaBroker()
    const port = await broker.listen()
    return {
      config: { type: 'kafka', brokers: [`127.0.0.1:${port}`], topic: TOPIC, transport: 'tcp' },
      received: () => broker.revisions(),
      down: () => broker.close(),
      up: async () => void (await broker.listen()),
      refuse: (id) => {
        broker.judge = (records) =>
          records.some(({ headers }) => headers['alert_id'] === id) ? CODES.tooLarge : CODES.fine
      },
      refuseSetup: (refused) => {
        broker.judge = () => (refused ? CODES.topicForbidden : CODES.fine)
      },
      close: () => broker.close(),
    }
  },
}
