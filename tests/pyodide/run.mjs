// Run a module of the tests in Pyodide: node run.mjs PROJECT FOLDER MODULE ARGUMENT...
//
// The project stands at /project and FOLDER, through which files are handed over, at /handed.
import { loadPyodide } from "pyodide";

const [project, folder, ...words] = process.argv.slice(2);
const env = { HOME: "/home/pyodide", PLAYBOOKS_FAULTS: process.env.PLAYBOOKS_FAULTS ?? "" };
const python = await loadPyodide({ env });
python.mountNodeFS("/project", project);
python.mountNodeFS("/handed", folder);
python.globals.set("words", python.toPy(words));
try {
  python.runPython(`
import runpy, sys
sys.path.insert(0, "/project")
sys.dont_write_bytecode = True
sys.argv = list(words)
runpy.run_module(words[0], run_name="__main__", alter_sys=False)
`);
} catch (error) {
  console.error(error.message); // node would print the whole of Pyodide before it
  process.exit(1);
}
