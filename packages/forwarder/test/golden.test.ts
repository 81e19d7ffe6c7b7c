import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { elasticLines } from '../src/formats/elastic.ts'
import { jsonLine } from '../src/formats/json-line.ts'
import { type KafkaRecord, kafkaRecord } from '../src/formats/kafka-record.ts'
import { logsIngestionRow } from '../src/formats/logs-ingestion-row.ts'
import { ocsfFinding } from '../src/formats/ocsf.ts'
import { makeAlert } from './support/alert.ts'

/** With everything in its texts that some format has to escape. */
const ALERT = makeAlert({
  revision: 2,
  message: 'one\ntwo|three=four\\five 🐟 "six" ]',
  weir: { status: 'closed' },
})

const line = (document: object): Buffer => Buffer.from(`${JSON.stringify(document)}\n`)

/** What each document format writes of it. Syslog's and HEC's bytes are in wire.test.ts, those of recipes in golden/webhook. */
test.each([
  ['alert', () => jsonLine(ALERT)],
  ['ocsf', () => line(ocsfFinding(ALERT))],
  ['elastic-index', () => elasticLines(ALERT, 'index')],
  ['elastic-data-stream', () => elasticLines(ALERT, 'data-stream')],
  ['kafka-record', () => recordText(kafkaRecord(ALERT, 'entity', 'ecs'))],
  ['logs-ingestion-row', () => line(logsIngestionRow(ALERT, 'ecs'))],
])('the bytes of %s', (file, written) => {
  expect(written().toString()).toBe(
    readFileSync(join(import.meta.dirname, 'golden/formats', `${file}.txt`), 'utf8'),
  )
})

function recordText({ key, headers, value }: KafkaRecord): Buffer {
  return Buffer.from(`${key}\n${JSON.stringify(headers)}\n${value}\n`)
}
