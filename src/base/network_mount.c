/* See network_mount.h. FUSE has one magic number for all, so its mount type decides. */
#include "base/network_mount.h"

#include <linux/magic.h>
#include <stddef.h>
#include <string.h>

#ifndef CIFS_SUPER_MAGIC
#define CIFS_SUPER_MAGIC 0xFF534D42
#endif
#ifndef SMB2_SUPER_MAGIC
#define SMB2_SUPER_MAGIC 0xFE534D42
#endif
#ifndef FUSE_SUPER_MAGIC
#define FUSE_SUPER_MAGIC 0x65735546
#endif
#ifndef CEPH_SUPER_MAGIC
#define CEPH_SUPER_MAGIC 0x00c36400
#endif
enum { LUSTRE_MAGIC = 0x0BD00BD0, GFS2_MAGIC = 0x01161970, OCFS2_MAGIC = 0x7461636f };

static const struct {
    unsigned long magic;
    const char *name;
} network_magics[] = {
    {NFS_SUPER_MAGIC, "NFS"},     {SMB_SUPER_MAGIC, "SMB"},   {CIFS_SUPER_MAGIC, "SMB"},
    {SMB2_SUPER_MAGIC, "SMB"},    {V9FS_MAGIC, "9p"},         {AFS_SUPER_MAGIC, "AFS"},
    {AFS_FS_MAGIC, "AFS"},        {CODA_SUPER_MAGIC, "Coda"}, {CEPH_SUPER_MAGIC, "Ceph"},
    {NCP_SUPER_MAGIC, "NetWare"}, {LUSTRE_MAGIC, "Lustre"},   {GFS2_MAGIC, "GFS2"},
    {OCFS2_MAGIC, "OCFS2"},
};

static const char *const network_fuses[] = {
    "fuse.sshfs",    "fuse.rclone",    "fuse.s3fs",      "fuse.goofys",    "fuse.gcsfuse",
    "fuse.davfs",    "fuse.curlftpfs", "fuse.glusterfs", "fuse.ceph-fuse", "fuse.gvfsd-fuse",
    "fuse.blobfuse", "fuse.smbnetfs",  "fuse.mfs",       "fuse.juicefs",   NULL};

const char *network_mount_name(long magic, const char *mount_type)
{
    unsigned long m = (unsigned long)magic & 0xFFFFFFFF; /* some are negative as a long */
    for (size_t i = 0; i < sizeof network_magics / sizeof *network_magics; i++)
        if (network_magics[i].magic == m)
            return network_magics[i].name;
    for (size_t i = 0; m == FUSE_SUPER_MAGIC && network_fuses[i]; i++)
        if (strcmp(network_fuses[i], mount_type) == 0)
            return strchr(network_fuses[i], '.') + 1;
    return NULL;
}

bool network_mount_is_fuse(long magic)
{
    return ((unsigned long)magic & 0xFFFFFFFF) == FUSE_SUPER_MAGIC;
}
