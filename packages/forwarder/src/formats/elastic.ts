import type { AlertV1 } from '@weir/contract'

/** What holds the documents: an index (or the alias of one), in which they change, or a data stream, which only grows. */
export type ElasticKind = 'index' | 'data-stream'

/**
 * An alert as two lines of a `_bulk` request: what is to be done, and the document, which is the alert as it is.
 * In an index there is one document an alert, and a higher revision replaces a lower; in a data stream each
 * revision is a document.
 */
export function elasticLines(alert: AlertV1, kind: ElasticKind): Buffer {
  return Buffer.from(`${JSON.stringify(actionOf(alert, kind))}\n${JSON.stringify(alert)}\n`, 'utf8')
}

function actionOf({ weir }: AlertV1, kind: ElasticKind): object {
  const { id, revision } = weir.alert
  switch (kind) {
    case 'index':
      return { index: { _id: id, version: revision, version_type: 'external' } }
    case 'data-stream':
      return { create: { _id: `${id}.${revision}` } }
    default:
      return kind satisfies never
  }
}
