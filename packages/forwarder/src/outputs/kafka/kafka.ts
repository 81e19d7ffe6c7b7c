import { LIMITS } from '../../limits.ts'
import { outputType } from '../output-type.ts'
import { createKafkaClient } from './client.ts'
import { type KafkaConfig, kafkaConfig } from './config.ts'
import { needKafka } from './load.ts'
import { saidBy } from './retry.ts'
import { KafkaOutput } from './send.ts'

export const KAFKA = outputType({
  schema: kafkaConfig,
  open: (config, tools) => new KafkaOutput(config, tools),
  check: reachKafka,
})

async function reachKafka(config: KafkaConfig): Promise<string> {
  needKafka(config.name)
  const client = await createKafkaClient(config, LIMITS.connectMs)
  try {
    return `topic ${config.topic} at ${config.brokers.join(', ')} has ${await client.partitions()} partition(s)`
  } catch (cause) {
    throw new Error(`topic ${config.topic} at ${config.brokers.join(', ')}: ${saidBy(cause)}`, { cause })
  } finally {
    await client.close()
  }
}
