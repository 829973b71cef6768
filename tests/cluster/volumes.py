"""What pods find at their mount paths: configMap, secret, downwardAPI, projected with serviceAccountToken, emptyDir.

Files of the first four lie in a folder of their own each time, and the link ..data is swapped to it, as the kubelet does.
"""
import base64
import itertools
import os
import pathlib
import re
import shutil

TOKEN_SECONDS = 3607


class Missing(Exception):
    """An object that a volume or a variable needs is not there (yet)."""


def field(pod, path, address="", host=""):
    """A fieldRef's value, as text."""
    meta, spec = pod["metadata"], pod["spec"]
    match = re.fullmatch(r"metadata\.(labels|annotations)\['(.*)'\]", path)
    if match:
        return meta.get(match[1], {}).get(match[2], "")
    if path in ("metadata.labels", "metadata.annotations"):
        return "".join(f'{key}="{value}"\n' for key, value in sorted(meta.get(path[9:], {}).items()))
    known = {"metadata.name": meta["name"], "metadata.namespace": meta["namespace"], "metadata.uid": meta["uid"],
             "spec.nodeName": spec.get("nodeName", ""), "spec.serviceAccountName": spec.get("serviceAccountName", "default"),
             "status.podIP": address, "status.podIPs": address, "status.hostIP": host, "status.hostIPs": host}
    if path not in known:
        raise ValueError(f"fieldRef {path}: not one that the stand-in kubelet knows")
    return known[path]


def object_files(source, found, mode):
    """path -> (bytes, mode) of a ConfigMap or a Secret."""
    data = {key: value.encode() for key, value in found.get("data", {}).items()}
    if found["kind"] == "Secret":
        data = {key: base64.b64decode(value) for key, value in found.get("data", {}).items()}
    data.update({key: base64.b64decode(value) for key, value in found.get("binaryData", {}).items()})
    items = source.get("items")
    if items is None:
        return {key: (value, mode) for key, value in data.items()}
    absent = [item["key"] for item in items if item["key"] not in data]
    if absent and not source.get("optional"):
        raise Missing(f"{found['kind']} {found['metadata']['name']} has no key {', '.join(absent)}")
    return {item["path"]: (data[item["key"]], item.get("mode", mode)) for item in items if item["key"] in data}


class Volumes:
    """The volumes of one pod under `folder`. objects: find(kind, namespace, name) -> object or None; token(audience, seconds)."""

    turns = itertools.count(1)

    def __init__(self, pod, folder, objects, token):
        self.pod, self.folder, self.objects, self.token = pod, pathlib.Path(folder), objects, token
        self.tokens = {}
        context = pod["spec"].get("securityContext", {})
        self.group = context.get("fsGroup")

    def path(self, name):
        return self.folder / name

    async def sync(self, pod):
        """Brings all of them up to date; Missing if something is not there that must be."""
        self.pod = pod
        for volume in pod["spec"].get("volumes", []):
            if "emptyDir" in volume:
                self.empty(volume["name"])
            elif "hostPath" not in volume:
                self.write(volume["name"], await self.files(volume))

    def empty(self, name):
        if not self.path(name).exists():
            self.path(name).mkdir(parents=True)
            self.path(name).chmod(0o777)

    async def files(self, volume):
        for kind in ("configMap", "secret", "downwardAPI"):
            if kind in volume:
                return await self.source_files(kind, volume[kind], volume[kind].get("defaultMode", 0o644))
        if "projected" not in volume:
            raise ValueError(f"volume {volume['name']}: not of a kind that the stand-in kubelet knows")
        files = {}
        for source in volume["projected"].get("sources", []):
            kind, value = next(iter(source.items()))
            files.update(await self.source_files(kind, value, volume["projected"].get("defaultMode", 0o644)))
        return files

    async def source_files(self, kind, source, mode):
        if kind == "downwardAPI":
            return {item["path"]: (field(self.pod, item["fieldRef"]["fieldPath"]).encode(), item.get("mode", mode))
                    for item in source.get("items", [])}
        if kind == "serviceAccountToken":
            return {source["path"]: (await self.token_for(source), mode)}
        name = source.get("secretName") or source.get("name")
        found = self.objects.find("ConfigMap" if kind == "configMap" else "Secret", self.pod["metadata"]["namespace"], name)
        if found is None:
            if source.get("optional"):
                return {}
            raise Missing(f"{kind} {name} is not there")
        return object_files(source, found, mode)

    async def token_for(self, source):
        """Asked for once: a run of the tests is shorter than a token's life."""
        audience = source.get("audience", "")
        if audience not in self.tokens:
            self.tokens[audience] = await self.token(audience, max(source.get("expirationSeconds", TOKEN_SECONDS), 600))
        return self.tokens[audience]

    def write(self, name, files):
        """Nothing if they stand there as they are."""
        folder = self.path(name)
        folder.mkdir(parents=True, exist_ok=True)
        old = folder / "..data"
        if old.exists() and {str(p.relative_to(old)): p.read_bytes() for p in old.rglob("*") if p.is_file()} == {
                path: data for path, (data, _) in files.items()}:
            return
        before = old.resolve() if old.exists() else None
        fresh = folder / f"..{next(Volumes.turns)}"
        fresh.mkdir()
        for path, (data, mode) in files.items():
            target = fresh / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            target.chmod(mode | (0o040 if self.group else 0))
            if self.group:
                os.chown(target, 0, self.group)
        (folder / "..data_tmp").symlink_to(fresh.name)
        os.replace(folder / "..data_tmp", old)
        self.link(folder, {path.split("/")[0] for path in files})
        if before:
            shutil.rmtree(before)

    @staticmethod
    def link(folder, names):
        for entry in folder.iterdir():
            if not entry.name.startswith("..") and entry.name not in names:
                entry.unlink()
        for name in names:
            if not (folder / name).is_symlink():
                (folder / name).symlink_to(f"..data/{name}")
