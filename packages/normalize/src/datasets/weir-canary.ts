import { isObject, type JsonObject } from '@weir/model'
import { parseTime } from '../parse-time.ts'
import { constant, reach, text, textOf } from '../read.ts'
import { dataset, HOUR_MS } from '../table.ts'

/** A canary: a record of our own, planted at a source to time its way to the SIEM. */
export const WEIR_CANARY = dataset({
  name: 'weir.canary',
  latenessMs: HOUR_MS,
  time: (record) => parseTime(plantedAt(record)),
  id: (record) => textOf(canaryAt(record)),
  columns: (record) => [textOf(canaryAt(record))],
  rows: {
    'event.action': constant('canary'),
    'event.provider': constant('weir'),
    message: text('weir.note'),
    'user.name': text('weir.by'),
  },
})

const canaryAt = reach('weir.canary')
const plantedAt = reach('weir.planted')

/** Letters, digits, dots, dashes and underscores: an id stands in paths and on command lines. */
const ID = /^[\w.-]{1,64}$/

/**
 * A record that holds nothing but a canary. With anything beside it, it is somebody's record that carries the mark, and
 * must not slip past the rules of its own dataset.
 */
export function isCanary(record: JsonObject): boolean {
  const { weir } = record
  if (!isObject(weir) || typeof weir.canary !== 'string') return false
  return ID.test(weir.canary) && Object.keys(record).length === 1
}
