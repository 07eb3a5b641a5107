// ACM by the SDK against a whole Stowage: import, describe, list, get, tags, import again, delete, and what is refused.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as acm from '@aws-sdk/client-acm'
import { CERTIFICATE, OTHER_KEY, PRIVATE_KEY } from '../certificate.ts'
import { KEYS, REGION, type Stowage, startStowage } from '../e2e/stowage.ts'

let stowage: Stowage
let client: acm.ACMClient
before(async () => {
  stowage = await startStowage({ runtime: 'fake' })
  client = new acm.ACMClient({ endpoint: stowage.endpoint, region: REGION, credentials: KEYS })
})
after(() => stowage?.dispose())

const pem = (text: string): Uint8Array => Buffer.from(text)
const importOne = async (): Promise<string> => {
  const input = { Certificate: pem(CERTIFICATE), PrivateKey: pem(PRIVATE_KEY), Tags: [{ Key: 'team', Value: 'shop' }] }
  const { CertificateArn = '' } = await client.send(new acm.ImportCertificateCommand(input))
  return CertificateArn
}

test('a certificate: imported, described, listed, tagged, imported again, deleted', async () => {
  const arn = await importOne()
  assert.match(arn, new RegExp(`^arn:aws:acm:${REGION}:${stowage.accountId}:certificate/[0-9a-f-]{36}$`))
  const { Certificate: shown } = await client.send(new acm.DescribeCertificateCommand({ CertificateArn: arn }))
  assert.deepEqual(
    [
      shown?.DomainName,
      shown?.SubjectAlternativeNames,
      shown?.Status,
      shown?.Type,
      shown?.KeyAlgorithm,
      shown?.InUseBy,
    ],
    ['shop.example.com', ['shop.example.com', '*.shop.example.com'], 'ISSUED', 'IMPORTED', 'EC_prime256v1', []],
  )
  const { CertificateSummaryList } = await client.send(new acm.ListCertificatesCommand({}))
  assert.deepEqual(
    CertificateSummaryList?.map(({ CertificateArn }) => CertificateArn),
    [arn],
  )
  const got = await client.send(new acm.GetCertificateCommand({ CertificateArn: arn }))
  assert.equal(got.Certificate?.trim(), CERTIFICATE.trim())
  assert(!JSON.stringify([shown, got]).includes('PRIVATE KEY'))

  await client.send(
    new acm.AddTagsToCertificateCommand({ CertificateArn: arn, Tags: [{ Key: 'stage', Value: 'test' }] }),
  )
  await client.send(new acm.RemoveTagsFromCertificateCommand({ CertificateArn: arn, Tags: [{ Key: 'team' }] }))
  const { Tags } = await client.send(new acm.ListTagsForCertificateCommand({ CertificateArn: arn }))
  assert.deepEqual(Tags, [{ Key: 'stage', Value: 'test' }])

  const again = await client.send(
    new acm.ImportCertificateCommand({
      CertificateArn: arn,
      Certificate: pem(CERTIFICATE),
      PrivateKey: pem(PRIVATE_KEY),
    }),
  )
  assert.equal(again.CertificateArn, arn)
  await client.send(new acm.DeleteCertificateCommand({ CertificateArn: arn }))
  await assert.rejects(client.send(new acm.DescribeCertificateCommand({ CertificateArn: arn })), {
    name: 'ResourceNotFoundException',
  })
})

test('what does not belong together is refused, and nothing is kept', async () => {
  const refused: readonly [acm.ImportCertificateCommandInput, RegExp][] = [
    [{ Certificate: pem(CERTIFICATE), PrivateKey: pem(OTHER_KEY) }, /does not match/],
    [{ Certificate: pem('nothing'), PrivateKey: pem(PRIVATE_KEY) }, /does not hold a PEM-encoded certificate/],
    [{ Certificate: pem(CERTIFICATE), PrivateKey: pem('nothing') }, /private key could not be read/],
    [{ Certificate: pem(CERTIFICATE + CERTIFICATE), PrivateKey: pem(PRIVATE_KEY) }, /more than one certificate/],
  ]
  for (const [input, message] of refused)
    await assert.rejects(client.send(new acm.ImportCertificateCommand(input)), { name: 'ValidationException', message })
  await assert.rejects(client.send(new acm.DescribeCertificateCommand({ CertificateArn: 'mine' })), {
    name: 'InvalidArnException',
  })
  const { CertificateSummaryList } = await client.send(new acm.ListCertificatesCommand({}))
  assert.deepEqual(CertificateSummaryList, [])
})
