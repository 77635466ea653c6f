//! One process at a time.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::Error;

/// An advisory lock on `store.lock`, given back by the operating system even after a kill.
pub(crate) struct StoreLock {
    _file: File,
}

impl StoreLock {
    pub(crate) fn acquire(root: &Path) -> Result<Self, Error> {
        make_private_dir(root)?;
        let path = root.join("store.lock");
        let failed = |source| Error::File { action: "lock", path: path.clone(), source };
        let file =
            File::options().create(true).write(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::Locked { root: root.to_owned() }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

/// The table lies inside the trust boundary: nobody but the account that runs the engine may read it.
fn make_private_dir(root: &Path) -> Result<(), Error> {
    let failed = |source| Error::File { action: "make folder", path: root.to_owned(), source };
    std::fs::create_dir_all(root).map_err(failed)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o700)).map_err(failed)?;
    }
    Ok(())
}
