// What `npm run generate` writes is committed, so that a change of the SDK or of what is built shows in a review.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { generatedModels } from '../scripts/generate-constraints.ts'
import { COVERAGE_FILE, coverage } from '../scripts/generate-coverage.ts'

test('the committed models are what the SDK packages say (else: npm run generate)', async () => {
  for (const { file, text } of await generatedModels()) assert.equal(await readFile(file, 'utf8'), text, file)
})

test('docs/coverage.md is what the server runs by (else: npm run generate)', async () => {
  assert.equal(await readFile(COVERAGE_FILE, 'utf8'), await coverage())
})
