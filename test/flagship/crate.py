"""Whether a folder's RO-Crate is what the profiles demand: the MUST of RO-Crate 1.1, of Process Run Crate 0.5 and of
Workflow Run Crate 0.5 that concern a crate of one run."""
import json
import pathlib
import re
import sys
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "support"))
import job  # noqa: E402

ISO_8601 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def types(entity):
    value = entity["@type"]
    return value if isinstance(value, list) else [value]


def ids(value):
    return [each["@id"] for each in (value if isinstance(value, list) else [value])]


def check(folder, run):
    document = json.loads((folder / "ro-crate-metadata.json").read_text())
    contexts = document["@context"]
    job.demand("https://w3id.org/ro/crate/1.1/context" in contexts, f"context: {contexts}")
    graph = {}
    for entity in document["@graph"]:
        job.demand("@id" in entity and "@type" in entity, f"an entity has no @id or no @type: {entity}")
        job.demand(entity["@id"] not in graph, f"{entity['@id']} twice")
        graph[entity["@id"]] = entity

    descriptor = graph["ro-crate-metadata.json"]
    job.demand(types(descriptor) == ["CreativeWork"] and ids(descriptor["about"]) == ["./"], "descriptor")
    job.demand("https://w3id.org/ro/crate/1.1" in ids(descriptor["conformsTo"]), "descriptor: conformsTo")
    root = graph["./"]
    job.demand("Dataset" in types(root), "root")
    for key in ("name", "description", "datePublished", "license"):
        job.demand(root.get(key), f"root has no {key}")
    job.demand(ISO_8601.fullmatch(root["datePublished"]), "datePublished")
    for profile in ("process/0.5", "workflow/0.5"):
        job.demand(f"https://w3id.org/ro/wfrun/{profile}" in ids(root["conformsTo"]), f"root: {profile}")
    for profile in ids(root["conformsTo"]):
        job.demand("CreativeWork" in types(graph[profile]), f"profile {profile}")

    # Everything that is referred to is there; every file is linked from the root, and exists.
    for entity in graph.values():
        for key, value in entity.items():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, dict) and key != "conformsTo":
                    job.demand(each["@id"] in graph, f"{entity['@id']} refers to {each['@id']}")
    files = [entity for entity in graph.values() if "File" in types(entity)]
    job.demand({file["@id"] for file in files} == set(ids(root["hasPart"])), "hasPart")
    for file in files:
        name = file["@id"]
        job.demand(not name.startswith("/") and "\\" not in name, f"{name} is neither relative nor a URI")
        path = pathlib.Path(urllib.parse.unquote(name[7:])) if name.startswith("file://") else \
            folder / urllib.parse.unquote(name)
        job.demand(path.is_file(), f"{name} does not exist")
        # run.json is written again with the crate; it has the size that it had then.
        job.demand(int(file["contentSize"]) == path.stat().st_size, f"size of {name}")

    workflow = graph[ids(root["mainEntity"])[0]]
    job.demand(set(types(workflow)) == {"File", "SoftwareSourceCode", "ComputationalWorkflow"}, "mainEntity")
    job.demand("ComputerLanguage" in types(graph[ids(workflow["programmingLanguage"])[0]]), "language")
    job.demand(workflow["name"], "the workflow has no name")
    job.demand((folder / workflow["@id"]).read_text() == run["run_file"]["text"], "the workflow is not the run file")

    actions = [entity for entity in graph.values() if "CreateAction" in types(entity)]
    job.demand(len(actions) == 1 and ids(root["mentions"]) == [actions[0]["@id"]], "actions")
    action = actions[0]
    job.demand(ids(action["instrument"]) == [workflow["@id"]], "instrument")
    job.demand(ISO_8601.fullmatch(action["startTime"]) and ISO_8601.fullmatch(action["endTime"]), "times")
    job.demand(action["startTime"] == run["start"] and action["endTime"] == run["end"], "times of run.json")
    status = "Failed" if run["outcome"].startswith("failed") else "Completed"
    job.demand(action["actionStatus"] == f"http://schema.org/{status}ActionStatus", "actionStatus")
    job.demand(status == "Completed" or action["error"], "error")
    job.demand(workflow["@id"] in ids(action["object"]), "object")
    job.demand("run.json" in ids(action["result"]), "result")
    for output in run["outputs"]:
        job.demand(pathlib.Path(output).name in ids(action["result"]), f"{output} is no result")
