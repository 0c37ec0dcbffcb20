// Which of the classes that the package exports do not have the name under which they are exported.
import * as main from 'ioredis-sentinel'
import * as testkit from 'ioredis-sentinel/testkit'

const renamed = [main, testkit].flatMap((entry) =>
  Object.entries(entry).filter(
    ([name, value]) => typeof value === 'function' && /^[A-Z]/.test(name) && value.name !== name
  )
)
const { DeadlineError, SentinelRedis } = main
const client = new SentinelRedis({ name: 'mymaster', sentinels: ['127.0.0.1:1'], lazyConnect: true })
console.log(
  JSON.stringify({
    renamed: renamed.map(([name]) => name),
    error: new DeadlineError('late', { stage: 'command' }).toString(),
    client: client.constructor.name,
    subclass: new (class LateError extends DeadlineError {})('late', { stage: 'command' }).name
  })
)
client.disconnect()
