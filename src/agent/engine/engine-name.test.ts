import assert from 'node:assert/strict'
import { test } from 'node:test'
import { container, task } from '../test-host.ts'
import { engineName } from './engine-name.ts'

const named = (family: string, name: string): string =>
  engineName(task('a1', [container('web', 'fake/run')], { family }), name)

test('a name says whose it is', () => {
  assert.match(named('shop', 'volume-data'), /^ecs-shop-1-volume-data-[0-9a-f]{20}$/)
})

test('however long the names are, the engine can take it, and no two are the same', () => {
  const long = 'x'.repeat(254)
  const names = [named(`${long}a`, `${long}a`), named(`${long}a`, `${long}b`)]
  assert.deepEqual(
    names.map(name => name.length),
    [255, 255],
  )
  assert.notEqual(names[0], names[1])
})
