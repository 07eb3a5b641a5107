// AWS Certificate Manager as the gateway sees it: its wire names, the model that the SDK publishes, and the operations that are
// built: what a listener needs to end TLS connections.
import type { AwsService, OperationTable } from '../../aws/operation.ts'
import { addTagsToCertificate, listTagsForCertificate, removeTagsFromCertificate } from './certificate-tags.ts'
import type { AcmDependencies } from './context.ts'
import { deleteCertificate } from './delete-certificate.ts'
import { describeCertificate } from './describe-certificate.ts'
import { getCertificate } from './get-certificate.ts'
import { importCertificate } from './import-certificate.ts'
import { listCertificates } from './list-certificates.ts'
import constraints from './model.generated.json' with { type: 'json' }

const acmOperations = (dependencies: AcmDependencies): OperationTable => ({
  AddTagsToCertificate: addTagsToCertificate(dependencies),
  DeleteCertificate: deleteCertificate(dependencies),
  DescribeCertificate: describeCertificate(dependencies),
  GetCertificate: getCertificate(dependencies),
  ImportCertificate: importCertificate(dependencies),
  ListCertificates: listCertificates(dependencies),
  ListTagsForCertificate: listTagsForCertificate(dependencies),
  RemoveTagsFromCertificate: removeTagsFromCertificate(dependencies),
})

export const acmService = (dependencies: AcmDependencies): AwsService => ({
  name: 'acm',
  protocol: 'awsJson1_1',
  target: 'CertificateManager',
  schemas: () => import('@aws-sdk/client-acm'),
  constraints,
  operations: acmOperations(dependencies),
})
