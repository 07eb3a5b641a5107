import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { seededIds, systemIds } from '../lib/ids.ts'
import { loadRootCredentials } from './root-credentials.ts'

let dataDir = ''
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'root-credentials-'))
})
afterEach(() => rm(dataDir, { recursive: true }))

const file = (): string => join(dataDir, 'root-credentials.json')
const modeOf = async (): Promise<number> => (await stat(file())).mode & 0o777

test('the first start makes a pair of the usual form, later ones find it', async () => {
  const first = await loadRootCredentials({ dataDir, ids: systemIds() })
  assert.match(first.accessKeyId, /^AKIA[A-Z2-7]{16}$/)
  assert.match(first.secretAccessKey, /^[A-Za-z0-9+/]{40}$/)
  assert.equal(await modeOf(), 0o600)
  assert.deepEqual(await readdir(dataDir), ['root-credentials.json'])
  assert.deepEqual(await loadRootCredentials({ dataDir, ids: systemIds() }), first)
})

test('given keys replace the kept ones for good', async () => {
  await loadRootCredentials({ dataDir, ids: seededIds(1) })
  const given = { accessKeyId: 'AKIDGIVEN', secretAccessKey: 'given-secret' }
  assert.deepEqual(await loadRootCredentials({ dataDir, given, ids: seededIds(2) }), given)
  assert.deepEqual(await loadRootCredentials({ dataDir, ids: seededIds(3) }), given)
  assert.equal(await modeOf(), 0o600)
})

test('a mode that lets others read is put right', async () => {
  await loadRootCredentials({ dataDir, ids: seededIds(1) })
  await chmod(file(), 0o644)
  await loadRootCredentials({ dataDir, ids: seededIds(1) })
  assert.equal(await modeOf(), 0o600)
})

test('a crash between writing aside and renaming leaves nothing in the way', async () => {
  await writeFile(join(dataDir, 'root-credentials.json.new'), '{"acc', { mode: 0o644 })
  const made = await loadRootCredentials({ dataDir, ids: seededIds(1) })
  assert.deepEqual(JSON.parse(await readFile(file(), 'utf8')), made)
  assert.equal(await modeOf(), 0o600)
})

test('a damaged file is an error, not a new pair, and its content stays out of the text', async () => {
  await writeFile(file(), '{"accessKeyId": "AKIDSECRETISH"')
  await assert.rejects(loadRootCredentials({ dataDir, ids: seededIds(1) }), (error: Error) => {
    assert.match(error.message, /is not a key pair/)
    assert.doesNotMatch(error.message, /AKIDSECRETISH/)
    return true
  })
})

test('half a pair, or an id that no request could carry, is refused', async () => {
  for (const given of [
    { accessKeyId: 'AKIDGIVEN', secretAccessKey: '' },
    { accessKeyId: 'AKID/GIVEN', secretAccessKey: 'x' },
  ]) {
    await assert.rejects(loadRootCredentials({ dataDir, given, ids: seededIds(1) }), /must both be given/)
  }
  assert.deepEqual(await readdir(dataDir), [])
})
