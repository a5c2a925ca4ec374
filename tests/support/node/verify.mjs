// Reads each file named on the command line; prints one JSON line for it.
import fs from 'node:fs/promises';
import { BMFF, JPEG, PNG } from '@trustnxt/c2pa-ts/asset';
import { SuperBox } from '@trustnxt/c2pa-ts/jumbf';
import { ManifestStore } from '@trustnxt/c2pa-ts/manifest';

for (const file of process.argv.slice(2)) {
  let line;
  try {
    const bytes = await fs.readFile(file);
    const Kind = [JPEG, PNG, BMFF].find((each) => each.canRead(bytes));
    const asset = new Kind(bytes);
    const store = ManifestStore.read(SuperBox.fromBuffer(asset.getManifestJUMBF()));
    const result = await store.validate(asset);
    line = { valid: result.isValid, codes: result.statusEntries.map((entry) => entry.code) };
  } catch (error) {
    line = { valid: false, codes: [], error: String(error) };
  }
  console.log(JSON.stringify(line));
}
