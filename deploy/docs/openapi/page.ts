import {hash} from 'node:crypto';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

/**
 * The document as one page (Redoc), with everything in it that it needs: a browser that shows it asks
 * nobody for anything, and its policy lets it ask nobody.
 *
 * @param document as JSON
 */
export async function apiPage(document: string): Promise<string> {
	const [bundle, licence, licences] = await Promise.all(
		['bundles/redoc.standalone.js', 'LICENSE', 'bundles/redoc.standalone.js.LICENSE.txt'].map(
			(name) => readFile(path.join(redocFolder, name), 'utf8'),
		),
	);
	const scripts = [script(bundleWithoutRequests(bundle ?? '')), script(start)];
	const policy = [
		"default-src 'none'",
		`script-src ${scripts.map((text) => `'sha256-${hash('sha256', text, 'base64')}'`).join(' ')}`,
		// Styles are made by the script.
		"style-src 'unsafe-inline'",
		'img-src data:',
	].join('; ');
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Latchkey API</title>
<!-- Written by npm run docs from contract/: change it there. -->
<!--
Shown by Redoc:

${`${licence}\n${licences}`.replaceAll('--', '- -')}
-->
<style>body { margin: 0 }</style>
</head>
<body>
<div id="page"></div>
<script type="application/json" id="document">${script(document)}</script>
${scripts.map((text) => `<script>${text}</script>`).join('\n')}
</body>
</html>
`;
}

const redocFolder = path.dirname(fileURLToPath(import.meta.resolve('redoc/package.json')));

/** Its logo is on a server of its makers; its source map is not here. */
function bundleWithoutRequests(bundle: string): string {
	return bundle
		.replaceAll(/https:\/\/cdn\.redoc\.ly\/[\w./-]+/g, 'data:,')
		.replace(/\n\/\/# sourceMappingURL=\S+/, '');
}

const options = {
	// It would ask for a worker of its own.
	disableSearch: true,
	expandResponses: '200,201',
	hideDownloadButton: true,
	sortOperationsAlphabetically: false,
	theme: {
		typography: {
			fontFamily: 'system-ui, sans-serif',
			headings: {fontFamily: 'system-ui, sans-serif'},
			code: {fontFamily: 'ui-monospace, monospace'},
		},
	},
};

const start = `
Redoc.init(
	JSON.parse(document.getElementById('document').textContent),
	${JSON.stringify(options)},
	document.getElementById('page'),
);
`;

/** Nothing in a text ends the element that it stands in, or begins another. */
function script(text: string): string {
	return text.replaceAll(/<(?=\/script|!--)/gi, '\\u003C');
}
