import { isObject, type JsonObject } from '@weir/model'

/** The older graph's calls with the names that Microsoft Graph's have, and with a time in the envelope. */
export function aadGraphShape(record: JsonObject): JsonObject {
  const { properties } = record
  if (!isObject(properties)) return record
  const { httpMethod, httpStatusCode, callerIpAddress, ...others } = properties
  return {
    ...record,
    time: record.time ?? properties.timeGenerated,
    properties: {
      ...others,
      requestMethod: properties.requestMethod ?? httpMethod,
      responseStatusCode: properties.responseStatusCode ?? httpStatusCode,
      ipAddress: properties.ipAddress ?? callerIpAddress,
    },
  }
}
